/**
 * The front door's configuration: the one origin. The same text serves quickstart, the tests and production.
 *
 * - nginx runs as tsubo-web altogether, its master too: ports below 1024 need a capability or a redirect.
 * - Streams (tRPC subscriptions: text/event-stream, application/jsonl) pass unbuffered and uncompressed, and may
 *   be silent for an hour; the server pings every 15 s.
 * - The request id is made here and nowhere else, so that a client cannot write into somebody's log.
 * - Security headers and the CSP are the app's: they depend on the page.
 */
import { existsSync } from 'node:fs';

export type Nginx = {
  /** TSUBO_DATA/run/nginx, writable by tsubo-web. */
  runFolder: string;
  /** Folder with `_next/static`'s files. */
  staticFolder: string;
  origin: URL;
  port: number;
  appPort: number;
  consolePort: number;
  /** `trusted`: browsers know who signed it, so a visitor who came once by TLS need never come without. */
  tls?: { certificate: string; key: string; trusted: boolean } | undefined;
};

/**
 * How long an idle connection to the app is kept. nginx must be the one that closes it: where the app does, nginx may
 * send a request into the closing, and answers a POST, which it may not repeat, with 502.
 */
export const APP_IDLE_S = 60;

const LOG = `{"time":"$time_iso8601","level":"info","process":"nginx","requestId":"$request_id","msg":"$request_method $uri",\
"status":$status,"ms":"$request_time","upstreamMs":"$upstream_response_time","bytes":$body_bytes_sent,\
"remote":"$remote_addr","protocol":"$server_protocol","agent":"$http_user_agent"}`;

export function nginxConfig(nginx: Nginx): string {
  const { runFolder, tls } = nginx;
  return `# Made by scripts/install/nginx.ts; changes are lost at the next start.
daemon off;
worker_processes 2;
pid ${runFolder}/nginx.pid;
error_log stderr warn;

events {
  worker_connections 4096;
}

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 75s;

  log_format json escape=json '${LOG}';
  access_log /dev/stdout json;

  client_body_temp_path ${runFolder}/body;
  proxy_temp_path ${runFolder}/proxy;
  fastcgi_temp_path ${runFolder}/fastcgi;
  uwsgi_temp_path ${runFolder}/uwsgi;
  scgi_temp_path ${runFolder}/scgi;

  # Not text/event-stream nor application/jsonl: a compressor holds back what should arrive now.
  gzip on;
  gzip_vary on;
  gzip_proxied any;
  gzip_min_length 1024;
  gzip_types text/css text/javascript text/plain text/x-component application/javascript application/json image/svg+xml;

  upstream app {
    server 127.0.0.1:${nginx.appPort};
    keepalive 32;
    keepalive_timeout ${APP_IDLE_S}s;
  }
  upstream console {
    server 127.0.0.1:${nginx.consolePort};
  }

  server {
${listen(nginx)}
    server_name _;
${tls ? tlsLines(tls, nginx.origin) : ''}
    # Only what the app's forms send; uploads have their own door.
    client_max_body_size 1m;
    client_header_timeout 15s;
    client_body_timeout 30s;

    proxy_http_version 1.1;
    proxy_connect_timeout 5s;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    # Not appended to what the client says: sign-in limits count by it.
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Request-Id $request_id;

    location = /healthz {
      access_log off;
      proxy_pass http://app;
    }

    # Names of these files hold a digest of their content.
    location /_next/static/ {
      alias ${nginx.staticFolder}/;
      access_log off;
      expires 1y;
      add_header Cache-Control "public, immutable";
      add_header X-Content-Type-Options nosniff;
    }

    location /api/ {
      proxy_pass http://app;
      proxy_buffering off;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
    }

    location /ws/ {
      proxy_pass http://console;
      # Headers that are set here replace all that were set above.
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_buffering off;
      # A screen's updates pass through the first.
      proxy_buffer_size 32k;
      proxy_buffers 8 32k;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
    }

    location / {
      proxy_pass http://app;
      # A page's headers (CSP with nonce, preloads) are longer than nginx expects.
      proxy_buffer_size 16k;
      proxy_buffers 8 32k;
      proxy_busy_buffers_size 64k;
    }
  }
}
`;
}

/** Without TLS only the loopback; with it every address. */
function listen({ origin, port, tls }: Nginx): string {
  const suffix = tls ? ' ssl http2' : '';
  const v6 = existsSync('/proc/net/if_inet6');
  const addresses =
    origin.protocol === 'https:' ? ['', ...(v6 ? ['[::]:'] : [])] : ['127.0.0.1:', ...(v6 ? ['[::1]:'] : [])];
  return addresses.map((address) => `    listen ${address}${port}${suffix};`).join('\n');
}

function tlsLines({ certificate, key, trusted }: NonNullable<Nginx['tls']>, origin: URL): string {
  return `    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:4m;
    # Plain HTTP on this port.
    error_page 497 =301 ${origin.origin}$request_uri;
${trusted ? '    add_header Strict-Transport-Security "max-age=31536000" always;\n' : ''}`;
}
