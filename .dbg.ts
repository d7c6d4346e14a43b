import { trial } from './.explore.js'
