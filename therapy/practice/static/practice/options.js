// Sound, volume, voice: chosen by the person, remembered on this device.
const KEY = "attune-practice-options";

const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
};

export function setUpOptions(player) {
  const { root, sound, voice } = player;
  const $ = (name) => root.querySelector(`[data-${name}]`);
  const options = { sound: "", volume: 35, voice: false, binaural: false, scene: true, ...kept() };
  player.options = options;

  const keep = (change) => {
    Object.assign(options, change);
    try {
      localStorage.setItem(KEY, JSON.stringify(options));
    } catch {
      // Chosen anew next time.
    }
  };
  player.keepOption = keep;
  const again = () => player.state() === "running" && sound.play();

  $("sound").value = options.sound;
  $("volume").value = options.volume;
  $("voice").checked = options.voice;
  $("binaural").checked = options.binaural;
  sound.name = options.sound;
  sound.volume = options.volume / 100;
  sound.isBinaural = options.binaural;
  voice.isOn = options.voice;

  $("sound").addEventListener("change", (event) => {
    sound.name = event.target.value;
    keep({ sound: sound.name });
    again();
  });
  $("volume").addEventListener("input", (event) => {
    sound.setVolume(event.target.value / 100);
    keep({ volume: Number(event.target.value) });
  });
  $("binaural").addEventListener("change", (event) => {
    sound.isBinaural = event.target.checked;
    keep({ binaural: sound.isBinaural });
    again();
  });
  $("voice").addEventListener("change", (event) => {
    voice.isOn = event.target.checked;
    keep({ voice: voice.isOn });
    if (!voice.isOn) voice.hush();
    else if (player.run.line && player.state() === "running") voice.say(player.run.line.text);
  });
  const look = () => {
    $("voice").disabled = !voice.isThere;
    root.querySelector("[data-voice-none]").hidden = voice.isThere;
  };
  voice.onchange = look;
  look();

  const box = root.querySelector(".player__options");
  addEventListener("click", (event) => {
    if (box.open && !box.contains(event.target)) box.open = false;
  });
  box.querySelector("[data-close]").addEventListener("click", () => {
    box.open = false;
    box.querySelector("summary").focus();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.open = false;
    box.querySelector("summary").focus();
  });
}
