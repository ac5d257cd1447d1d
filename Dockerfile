# One image for every service of the hub: which one a container runs is its command. docker-compose.yml shows them all.
#   docker build -t industry-router .
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY scripts ./scripts
# The build comes after the sources, so that the packages stay cached while sources change.
RUN npm ci --ignore-scripts
COPY engine ./engine
COPY gateway ./gateway
COPY subgraph-kit ./subgraph-kit
COPY subgraphs ./subgraphs
COPY lib ./lib
COPY cli ./cli
COPY demo ./demo
COPY schema ./schema
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
LABEL org.opencontainers.image.title="industry-router" org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production HUB_DATA=/data HUB_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/schema ./schema
# Migrations are read where they were written.
COPY --from=build /app/subgraphs ./subgraphs
COPY scripts/health.mjs ./scripts/health.mjs
COPY LICENSE THIRD-PARTY-NOTICES.md ./
# A volume that is mounted here for the first time takes over this owner.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=6 CMD ["node", "scripts/health.mjs"]
CMD ["node", "dist/gateway/main.js"]
