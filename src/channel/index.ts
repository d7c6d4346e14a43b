export { type Channel, GOOD_CHANNEL, simulateChannel } from './channel.js'
export { seededRandom } from './random.js'
