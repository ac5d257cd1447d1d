// Mercurius gateway as its documentation starts it: node mercurius.mjs STAND_IN_PORT PORT
import mercuriusGateway from '@mercuriusjs/gateway';
import fastify from 'fastify';

const [standIn, port] = process.argv.slice(2);
const services = ['accounts', 'inventory', 'products', 'reviews'].map((name) => ({ name, url: `http://127.0.0.1:${standIn}/${name}` }));
const app = fastify();
app.register(mercuriusGateway, { jit: 1, gateway: { services } });
await app.listen({ port: Number(port), host: '127.0.0.1' });
