/** Where the files of a conversation are, for links. */
export { exportPath as conversationFile } from '../services/api';
