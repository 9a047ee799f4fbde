import { Live } from '@/shared/live/live';
import { openSocket } from '@/shared/live/open-socket';
import { SocketIoTransport } from '@/shared/live/socketio-transport';

export const live = new Live(new SocketIoTransport(openSocket));
