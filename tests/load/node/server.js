// The same fan-out by others: node server.js KIND PORT, where KIND is socket.io or ws.
// Everybody who connects to /live is in one room; /say and /state are those of fan_server.py.

'use strict';

const http = require('node:http');

const NAMESPACE = '/live';
const ROOM = 'board';
const LIMIT = 4096;

const said = { messages: 0, dropped: 0 };

function bySocketIo(server) {
  const { Server } = require('socket.io');
  const io = new Server(server, {
    transports: ['websocket'], serveClient: false, maxHttpBufferSize: LIMIT, perMessageDeflate: false,
  });
  const live = io.of(NAMESPACE);
  live.on('connection', (socket) => socket.join(ROOM));
  return {
    send: (name, message) => live.to(ROOM).emit(name, message),
    count: () => io.engine.clientsCount,
  };
}

// The least that can be done: no rooms, no acknowledgements, no pings; only the words our clients wait for.
function byWs(server) {
  const { WebSocketServer } = require('ws');
  const sockets = new WebSocketServer({ server, maxPayload: LIMIT, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.send('0{"sid":"none"}');
    socket.on('message', (text) => {
      if (String(text).startsWith('40')) socket.send(`40${NAMESPACE},{"sid":"none"}`);
    });
  });
  return {
    send: (name, message) => {
      const text = Buffer.from(`42${NAMESPACE},${JSON.stringify([name, message])}`);
      for (const socket of sockets.clients) socket.send(text, { binary: false });
    },
    count: () => sockets.clients.size,
  };
}

const seconds = () => Number(process.hrtime.bigint()) / 1e9;

function sayAll(fan, messages, every, text) {
  if (messages === 0) return;
  const began = seconds();
  said.messages += 1;
  fan.send('counts', { n: said.messages, at: began, text });
  const rest = Math.max(0, every - (seconds() - began));
  setTimeout(() => sayAll(fan, messages - 1, every, text), rest * 1000);
}

function state(fan) {
  const used = process.cpuUsage();
  return { sockets: fan.count(), seconds: (used.user + used.system) / 1e6, bytes: process.memoryUsage().rss, ...said };
}

const [kind, port] = process.argv.slice(2);
const server = http.createServer((request, response) => {
  const address = new URL(request.url, 'http://127.0.0.1');
  const number = (name, otherwise) => Number(address.searchParams.get(name) ?? otherwise);
  if (address.pathname === '/say') {
    setImmediate(() => sayAll(fan, number('messages', 1), number('every', 0), 'x'.repeat(number('size', 100))));
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(address.pathname === '/state' ? state(fan) : { ok: true }));
});
const fan = kind === 'ws' ? byWs(server) : bySocketIo(server);
server.listen(Number(port), '127.0.0.1', 4096);
