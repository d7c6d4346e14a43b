#!/usr/bin/env bash
# @audio/decode-wav 1.5.1, the only library for WAV found that streams, has no native part and was released in the last year, does
# not skip the byte that follows a chunk of an odd size (Multimedia Programming Interface and Data Specifications 1.0, "chunks":
# ckData is padded to a whole number of words, which ckSize does not count). A file with a LIST of 7 bytes before its samples has no
# samples for it, and no error. It does not read RF64 either. SoX reads the file. wavefile 11.0.0, node-wav 0.0.2 and wav-decoder 1.3.0 want the file
# whole. So src/recording/wav.ts reads WAV itself. Fails if this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent @audio/decode-wav@1.5.1 >/dev/null
cat >try.mjs <<'END'
import { writeFileSync } from 'node:fs'
import decode from '@audio/decode-wav'
const chunk = (id, bytes) => {
  const head = Buffer.alloc(8, id)
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)])
}
const format = Buffer.from('01000100401f0000803e000002001000', 'hex') // PCM, 1 channel, 8 kHz, 16 bits
const wav = (listBytes) =>
  chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('LIST', Buffer.alloc(listBytes)), chunk('data', Buffer.alloc(200))]))
writeFileSync('odd.wav', wav(7))
for (const listBytes of [8, 7]) console.log(listBytes, decode(wav(listBytes)).channelData[0]?.length ?? 0)
END
[ "$(node try.mjs)" = $'8 100\n7 0' ]
[ "$(sox odd.wav -t raw - | wc -c)" = 200 ]
echo 'as described'
