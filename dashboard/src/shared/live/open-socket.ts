import type { OpenSocket } from '@/shared/live/socketio-transport';

const ANSWER_MS = 5_000;

/** The stock client, loaded once the page stands. */
export const openSocket: OpenSocket = async () => {
  const { io } = await import('socket.io-client');
  const socket = io({
    autoConnect: false,
    reconnection: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
  });
  return {
    get connected() {
      return socket.connected;
    },
    connect: () => {
      socket.connect();
    },
    disconnect: () => {
      socket.disconnect();
    },
    onMessage: (event, listener) => {
      socket.on(event, listener);
    },
    ask: (event, message) => socket.timeout(ANSWER_MS).emitWithAck(event, message),
  };
};
