const [first = ''] = process.argv.slice(2)

// In a file of its own, with all that it needs: it starts in half the time.
const isQuick = ['encode', '--version', '-V'].includes(first)
await (isQuick ? import('./quick.js') : import('./full.js'))
