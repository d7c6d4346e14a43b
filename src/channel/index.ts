export { type Channel, GOOD_CHANNEL } from './channel.js'
export { seededRandom } from './random.js'
export { simulateChannel } from './simulate.js'
