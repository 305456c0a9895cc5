// Preloaded by Node.js before a client of Blitline: whatever the client asks of its hard-coded hosts goes to the address in
// RINGBACK_SECURE (host:port), over TLS and with the certificate checked for the host that the client meant. It also brings
// back http.createClient, which the oldest client needs and Node.js no longer has.
'use strict';

const http = require('http');
const https = require('https');

const [host, port] = process.env.RINGBACK_SECURE.split(':');

const request = https.request;
https.request = function (options, callback) {
  if (!/\.blitline\.com$/.test(options.host || options.hostname || '')) {
    throw new Error('asked for another host: ' + JSON.stringify(options));
  }
  const meant = options.host || options.hostname;
  const redirected = Object.assign({}, options, {
    host: host, port: port, servername: meant, headers: Object.assign({Host: meant}, options.headers),
  });
  delete redirected.agent; // it carries the hard-coded host, and would win
  return request.call(https, redirected, callback);
};

http.createClient = function (_port, meant) {
  return {
    request: (method, path, headers) => https.request({host: meant, method: method, path: path, headers: headers}),
  };
};
