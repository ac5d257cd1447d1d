/** Stylesheets are taken by the bundler; they export nothing. */
declare module '*.css';
