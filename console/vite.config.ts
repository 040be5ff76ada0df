import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// The server of the district; `NACRE_URL` points the development server at another one.
const server = process.env.NACRE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': server, '/ngsi-ld': server, '/log': server } },
  preview: { proxy: { '/api': server, '/ngsi-ld': server, '/log': server } },
  build: {
    outDir: 'dist',
    target: 'es2022',
    sourcemap: false,
    // The budget is kept by `npm run size` for the first route; echarts and maplibre are larger than Vite's default warning.
    chunkSizeWarningLimit: 1200,
    manifest: true,
  },
});
