// Sounds made here, by WebAudio: waves, rain, wind, soft tones that follow the breath; two tones left and right on wish.
function noise(context, seconds = 6) {
  const buffer = context.createBuffer(2, context.sampleRate * seconds, context.sampleRate);
  for (let channel = 0; channel < 2; channel += 1) {
    const samples = buffer.getChannelData(channel);
    let last = 0;
    for (let place = 0; place < samples.length; place += 1) {
      last = (last + 0.02 * (Math.random() * 2 - 1)) / 1.02;
      samples[place] = last * 3.2;
    }
    // The end runs into the beginning, so that the loop has no click.
    const seam = Math.floor(context.sampleRate * 0.25);
    for (let place = 0; place < seam; place += 1) {
      const share = place / seam;
      const end = samples.length - seam + place;
      samples[end] = samples[end] * (1 - share) + samples[place] * share;
    }
  }
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  return source;
}

function filtered(context, out, { type, frequency, q = 0.7, gain, sway, every }) {
  const source = noise(context);
  const filter = new BiquadFilterNode(context, { type, frequency, Q: q });
  const level = new GainNode(context, { gain });
  source.connect(filter).connect(level).connect(out);
  const nodes = [source];
  if (sway) {
    const slow = new OscillatorNode(context, { frequency: 1 / every });
    const depth = new GainNode(context, { gain: gain * sway });
    slow.connect(depth).connect(level.gain);
    slow.start();
    nodes.push(slow);
  }
  source.start();
  return nodes;
}

const SOUNDS = {
  waves: (context, out) => [
    ...filtered(context, out, { type: "lowpass", frequency: 520, gain: 0.55, sway: 0.8, every: 11 }),
    ...filtered(context, out, { type: "bandpass", frequency: 1400, q: 0.5, gain: 0.16, sway: 0.9, every: 7.3 }),
  ],
  rain: (context, out) => [
    ...filtered(context, out, { type: "highpass", frequency: 1800, gain: 0.75, sway: 0.12, every: 5 }),
    ...filtered(context, out, { type: "lowpass", frequency: 300, gain: 0.25 }),
  ],
  wind: (context, out) => [
    ...filtered(context, out, { type: "bandpass", frequency: 380, q: 1.1, gain: 0.7, sway: 0.6, every: 13 }),
    ...filtered(context, out, { type: "bandpass", frequency: 820, q: 2.2, gain: 0.16, sway: 0.8, every: 8.7 }),
  ],
  tone: (context, out, breath) => {
    const low = new BiquadFilterNode(context, { type: "lowpass", frequency: 700 });
    low.connect(breath).connect(out);
    return [110, 164.8, 220, 277.2].map((frequency, index) => {
      const wave = new OscillatorNode(context, { type: "sine", frequency, detune: index * 3 - 4 });
      wave.connect(new GainNode(context, { gain: 0.2 / (index + 1) })).connect(low);
      wave.start();
      return wave;
    });
  },
};

export class Sound {
  constructor() {
    this.name = "";
    this.volume = 0.35;
    this.isBinaural = false;
    this.nodes = [];
  }

  // Browsers allow sound only after a touch of the person: call this from one.
  play() {
    if (!globalThis.AudioContext || (!this.name && !this.isBinaural)) return this.stop();
    this.context ??= new AudioContext();
    this.context.resume();
    this.clear();
    this.master ??= new GainNode(this.context, { gain: 0 });
    this.master.connect(this.context.destination);
    this.breath = new GainNode(this.context, { gain: 0.5 });
    if (SOUNDS[this.name]) this.nodes.push(...SOUNDS[this.name](this.context, this.master, this.breath));
    if (this.isBinaural) this.nodes.push(...this.twoTones());
    this.fade(this.volume, 2.5);
  }

  twoTones() {
    return [[196, -1], [202, 1]].map(([frequency, pan]) => {
      const wave = new OscillatorNode(this.context, { frequency });
      wave.connect(new StereoPannerNode(this.context, { pan })).connect(new GainNode(this.context, { gain: 0.1 })).connect(this.master);
      wave.start();
      return wave;
    });
  }

  fade(target, seconds) {
    const gain = this.master?.gain;
    if (!gain) return;
    gain.cancelScheduledValues(this.context.currentTime);
    gain.setTargetAtTime(target, this.context.currentTime, seconds / 3);
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.nodes.length) this.fade(volume, 0.3);
  }

  follow(level) {
    if (this.breath) this.breath.gain.setTargetAtTime(0.25 + 0.6 * level, this.context.currentTime, 0.4);
  }

  pause() {
    this.fade(0, 1);
  }

  clear() {
    for (const node of this.nodes) node.stop();
    this.nodes = [];
  }

  stop() {
    this.fade(0, 1);
    setTimeout(() => this.clear(), 1500);
  }
}
