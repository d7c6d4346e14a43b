import { document, flag, text } from './schema.js'

export const TUNE = document('blinkup.tune/1', {
  url: text('Of the page; whoever has it can use the rig'),
  isLoopback: flag('Whether only this computer reaches it'),
})
