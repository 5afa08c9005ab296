// The landscape: only where there is WebGL, no wish for less motion, and the person left it on. Its code is loaded only
// then, at once with the page, so that it is there without a network as well. Everything else goes on without it.
function hasWebGl() {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: false }));
  } catch {
    return false;
  }
}

export async function setUpScene(player) {
  const { root, data, isCalm } = player;
  const $ = (name) => root.querySelector(`[data-${name}]`);
  if (isCalm.matches || !hasWebGl()) return;
  let module;
  try {
    module = await import("./scene.js");
  } catch {
    return; // could not be loaded: the 2-D player stays
  }
  const canvas = $("scene");
  const on = () => {
    try {
      player.scene = new module.Landscape(canvas, data.scene, matchMedia("(prefers-color-scheme: dark)").matches);
    } catch {
      return off();
    }
    canvas.hidden = false;
    root.classList.add("player--scene");
    player.scene.onlost = off;
    player.scene.start();
    if (player.adapting.state) player.scene.feel(player.adapting.state);
  };
  const off = () => {
    player.scene?.stop();
    player.scene = null;
    canvas.hidden = true;
    root.classList.remove("player--scene");
  };
  const toggle = $("scene-switch");
  $("scene-row").hidden = false;
  toggle.checked = player.options.scene;
  toggle.addEventListener("change", () => {
    player.keepOption({ scene: toggle.checked });
    if (toggle.checked) on();
    else off();
  });
  isCalm.addEventListener("change", () => isCalm.matches && off());
  if (toggle.checked) on();

  if (await navigator.xr?.isSessionSupported?.("immersive-vr").catch(() => false)) {
    $("vr-row").hidden = false;
    $("vr").addEventListener("click", async () => {
      if (!player.scene) on();
      try {
        await player.scene?.enterVr();
      } catch {
        $("vr-row").hidden = true; // the headset said no
      }
    });
  }
}
