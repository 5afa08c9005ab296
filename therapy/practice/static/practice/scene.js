// A calm generated landscape: sky, a sun or moon, rows of hills, water or sand in front, mist, drifting lights. It
// breathes with the pacer: light and mist rise with the in-breath. With the state it clears: calmer is clearer.
import {
  AdditiveBlending, BackSide, BufferAttribute, BufferGeometry, Color, Mesh, PerspectiveCamera, PlaneGeometry, Points,
  Scene, ShaderMaterial, SphereGeometry, WebGLRenderer,
} from "./vendor/three-0.187.0.min.js";

// sky top, sky low, hills far, hills near, ground, light; and what the ground is: water 1, land 0
const PLACES = {
  lake: { day: ["#8fb9c9", "#e9efe6", "#8fb0b4", "#4f7f86", "#6fa3ad", "#fff4d8"], night: ["#0c1a26", "#274552", "#1f3a44", "#12252d", "#16323c", "#cfe3ea"], water: 1, height: 1 },
  snow: { day: ["#a9c0d4", "#f3f1ee", "#c7d6e2", "#9fb5c8", "#e6edf2", "#ffffff"], night: ["#101a2a", "#2f4059", "#3a4d66", "#28394f", "#51647b", "#e3ecf7"], water: 0, height: 1.5 },
  room: { day: ["#d9bd93", "#f6e7cd", "#d3ae7d", "#a97f4f", "#c99f6b", "#fff0cf"], night: ["#20180f", "#4a3620", "#3d2c1a", "#271c10", "#33251a", "#ffd9a0"], water: 0, height: 0.5 },
  forest: { day: ["#9dbf9b", "#eef2dd", "#86ab85", "#4b7a56", "#6f9a66", "#fdf6d3"], night: ["#0b1a14", "#23402f", "#1a3326", "#0f2218", "#15291d", "#d6ead2"], water: 0, height: 1.2 },
  dunes: { day: ["#e3b88d", "#faecd6", "#dca675", "#b97c4d", "#e0b382", "#fff1d6"], night: ["#22160f", "#553a28", "#46301f", "#2c1e13", "#3a281a", "#f6d8b0"], water: 0, height: 0.7 },
  stars: { day: ["#1b2450", "#6a6fa8", "#3c4580", "#232b58", "#2c3566", "#f3f0ff"], night: ["#080b1c", "#2a2f5e", "#1c2149", "#10142e", "#171c3d", "#e4e4ff"], water: 1, height: 0.9 },
};

const SKY_VERTEX = "varying vec3 place; void main() { place = position; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }";
const SKY = `
uniform vec3 top, low, light; uniform float level, clear, side, rise; varying vec3 place;
void main() {
  vec3 way = normalize(place);
  float height = clamp(way.y * 1.7 + 0.08, 0.0, 1.0);
  vec3 colour = mix(low, top, pow(height, 0.75));
  float sun = distance(way, normalize(vec3(side, rise, -1.0)));
  colour += light * (smoothstep(0.05, 0.045, sun) * 0.5 + exp(-sun * (5.5 - 1.8 * level)) * (0.22 + 0.2 * level));
  gl_FragColor = vec4(mix(colour, low, 0.25 * (1.0 - clear)), 1.0);
  #include <colorspace_fragment>
}`;
const HILL_VERTEX = `
uniform float seed, tall, far; varying float depth; varying float up;
float wave(float x) { return sin(x * 0.21 + seed) * 0.5 + sin(x * 0.083 + seed * 2.3) * 0.9 + sin(x * 0.55 + seed * 4.1) * 0.13; }
void main() {
  vec3 place = position;
  up = uv.y;
  place.y = mix(-6.0, (wave(place.x) + 1.2) * tall, uv.y);
  vec4 seen = modelViewMatrix * vec4(place, 1.0);
  depth = far;
  gl_Position = projectionMatrix * seen;
}`;
const HILL = `
uniform vec3 colour, low, light; uniform float level, clear; varying float depth; varying float up;
void main() {
  float mist = depth * (0.62 - 0.22 * clear) + (1.0 - up) * 0.3 + 0.1 * level * depth;
  gl_FragColor = vec4(mix(colour, mix(low, light, 0.12 * level), clamp(mist, 0.0, 0.92)), 1.0);
  #include <colorspace_fragment>
}`;
const GROUND_VERTEX = `
varying vec3 place; uniform float time, water;
void main() {
  place = position;
  vec3 moved = position;
  moved.z += water * 0.05 * sin(position.x * 0.6 + time * 0.5) * sin(position.y * 0.4 + time * 0.35) + (1.0 - water) * 0.5 * sin(position.x * 0.12 + 1.3) * sin(position.y * 0.15);
  gl_Position = projectionMatrix * modelViewMatrix * vec4(moved, 1.0);
}`;
const GROUND = `
uniform vec3 colour, low, light; uniform float time, level, water, clear, side; varying vec3 place;
void main() {
  float far = smoothstep(-22.0, 30.0, place.y);
  vec3 tone = mix(colour * 0.86, mix(colour, low, 0.75), far);
  float ripple = sin(place.y * 2.2 + sin(place.x * 0.35 + time * 0.22) * 1.6 + time * 0.45) * 0.5 + 0.5;
  float path = exp(-abs(place.x - side * (8.0 + 30.0 * far)) * (0.55 - 0.2 * level));
  tone += light * water * path * pow(ripple, 3.0) * (0.16 + 0.2 * level);
  tone += (1.0 - water) * light * 0.05 * level * (1.0 - far);
  gl_FragColor = vec4(mix(tone, low, 0.15 * (1.0 - clear)), 1.0);
  #include <colorspace_fragment>
}`;
const MOTE_VERTEX = `
attribute float size; uniform float time, level, scale; varying float shine;
void main() {
  vec3 place = position;
  place.x += sin(time * 0.11 + position.z * 3.0) * 0.9;
  place.y += sin(time * 0.17 + position.x * 2.0) * 0.35 + level * 0.5;
  vec4 seen = modelViewMatrix * vec4(place, 1.0);
  shine = 0.35 + 0.65 * (0.5 + 0.5 * sin(time * 0.6 + position.x * 7.0));
  gl_PointSize = size * scale / -seen.z;
  gl_Position = projectionMatrix * seen;
}`;
const MOTE = `
uniform vec3 light; uniform float level; varying float shine;
void main() {
  float off = length(gl_PointCoord - 0.5);
  gl_FragColor = vec4(light, smoothstep(0.5, 0.0, off) * shine * (0.22 + 0.3 * level));
}`;

const STILL = 1000 / 8; // ms between pictures while nothing is wanted of it
const SLOWEST = 1000 / 26; // slower than this for a while: fewer pixels

export class Landscape {
  constructor(canvas, name, isNight) {
    const place = PLACES[name] ?? PLACES.lake;
    this.canvas = canvas;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: "low-power" });
    this.pixels = Math.min(devicePixelRatio || 1, 1.75);
    this.shared = { time: { value: 0 }, level: { value: 0 }, clear: { value: 0.6 }, scale: { value: 600 }, side: { value: 0.5 }, rise: { value: 0.22 } };
    this.target = { level: 0, clear: 0.6 };
    this.scene = new Scene();
    this.camera = new PerspectiveCamera(52, 1, 0.1, 400);
    this.camera.position.set(0, 2.2, 12);
    this.build(place, (isNight ? place.night : place.day).map((colour) => new Color(colour)));
    this.looks = new ResizeObserver(() => this.fit());
    this.looks.observe(canvas);
    this.fit();
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.onlost?.();
    });
  }

  material(vertexShader, fragmentShader, own, more = {}) {
    const uniforms = { ...this.shared };
    for (const [name, value] of Object.entries(own)) uniforms[name] = { value };
    return new ShaderMaterial({ vertexShader, fragmentShader, uniforms, ...more });
  }

  build(place, [top, low, farHill, nearHill, ground, light]) {
    const sky = this.material(SKY_VERTEX, SKY, { top, low, light }, { side: BackSide, depthWrite: false });
    this.scene.add(new Mesh(new SphereGeometry(200, 24, 16), sky));
    const rows = 5;
    for (let row = 0; row < rows; row += 1) {
      const far = 1 - row / rows;
      const colour = nearHill.clone().lerp(farHill, far);
      const hill = new Mesh(
        new PlaneGeometry(240, 1, 160, 1),
        this.material(HILL_VERTEX, HILL, { colour, low, light, seed: row * 7.7 + 1.5, tall: (1.2 + far * 2.9) * place.height, far }),
      );
      hill.position.set(0, -0.4 - row * 0.12, -70 + row * 11);
      hill.renderOrder = row;
      this.scene.add(hill);
    }
    const plain = new Mesh(
      new PlaneGeometry(220, 60, 80, 60),
      this.material(GROUND_VERTEX, GROUND, { colour: ground, low, light, water: place.water }),
    );
    plain.rotation.x = -Math.PI / 2;
    plain.position.set(0, -0.9, -8);
    this.scene.add(plain);
    this.scene.add(this.motes(light));
  }

  motes(light, count = 70) {
    const spots = new Float32Array(count * 3);
    const sizes = new Float32Array(count);
    for (let index = 0; index < count; index += 1) {
      spots.set([(Math.random() - 0.5) * 30, Math.random() * 7 - 0.4, -Math.random() * 26 + 4], index * 3);
      sizes[index] = 0.06 + Math.random() * 0.14;
    }
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(spots, 3));
    geometry.setAttribute("size", new BufferAttribute(sizes, 1));
    return new Points(geometry, this.material(MOTE_VERTEX, MOTE, { light }, { transparent: true, depthWrite: false, blending: AdditiveBlending }));
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height || this.renderer.xr.isPresenting) return;
    this.renderer.setPixelRatio(this.pixels);
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.fov = width < height ? 66 : 52;
    // The sun or moon stands beside the pacer, on narrow screens above it.
    this.shared.side.value = Math.min(0.52, 0.36 * this.camera.aspect);
    this.shared.rise.value = width < height ? 0.47 : 0.26;
    this.camera.updateProjectionMatrix();
    this.shared.scale.value = height * this.pixels;
  }

  start() {
    this.last = performance.now();
    this.drawn = 0;
    this.slow = 0;
    this.renderer.setAnimationLoop((now) => this.frame(now));
  }

  frame(now) {
    const passed = now - this.last;
    if (!this.renderer.xr.isPresenting && !this.isWanted && now - this.drawn < STILL) return;
    this.last = now;
    const step = Math.min(passed, 100) / 1000;
    this.shared.time.value += step;
    for (const name of ["level", "clear"]) {
      const rate = name === "level" ? 4 : 0.25;
      this.shared[name].value += (this.target[name] - this.shared[name].value) * Math.min(1, step * rate);
    }
    this.camera.position.y = 2.2 + 0.12 * this.shared.level.value;
    this.renderer.render(this.scene, this.camera);
    this.drawn = now;
    this.watch(passed);
    this.isWanted = false;
  }

  // A device that cannot keep up gets fewer pixels, twice at most, then every other thing stays as it is.
  watch(passed) {
    this.slow = passed > SLOWEST && passed < 500 ? this.slow + 1 : Math.max(0, this.slow - 1);
    if (this.slow < 40 || this.pixels <= 0.5) return;
    this.slow = 0;
    this.pixels = Math.max(0.5, this.pixels * 0.66);
    this.fit();
  }

  breathe(level) {
    this.isWanted = true;
    this.target.level = level;
  }

  // The state of the person, where it is known: the nearer to their own ideal, the clearer the air.
  feel(state) {
    if (state?.known) this.target.clear = Math.max(0.15, Math.min(1, 1 - state.distance / 2));
  }

  async enterVr() {
    const session = await navigator.xr.requestSession("immersive-vr", { optionalFeatures: ["local-floor"] });
    this.renderer.xr.enabled = true;
    this.renderer.xr.setReferenceSpaceType("local");
    await this.renderer.xr.setSession(session);
    session.addEventListener("end", () => {
      this.renderer.xr.enabled = false;
      this.fit();
    });
  }

  stop() {
    this.looks.disconnect();
    this.renderer.setAnimationLoop(null);
    this.renderer.xr.getSession()?.end();
    this.scene.traverse((part) => {
      part.geometry?.dispose();
      part.material?.dispose();
    });
    this.renderer.dispose();
  }
}
