// Open a hand-over folder in CesiumJS, click an object, and keep a picture: what a receiver will see.
//
//   npm install cesium playwright-core        (in a folder of its own, outside the repository)
//   node tools/see_in_cesium.mjs <hand-over folder> <folder with node_modules> <picture.png> [longitude latitude height]
//
// Serves the folder and CesiumJS on the loopback only, draws with software, and prints JSON: tiles that failed, where the
// city stands, and the attributes of the object in the middle of the picture (or nearest to the place that is given).
import { createServer } from "node:http";
import { createReadStream, existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, normalize, resolve } from "node:path";

const [folder, modules, picture, ...place] = process.argv.slice(2);
const require = createRequire(resolve(modules, "package.json"));
const { chromium } = require("playwright-core");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json", ".css": "text/css",
                ".glb": "model/gltf-binary", ".jpg": "image/jpeg", ".png": "image/png", ".wasm": "application/wasm" };

function fileOf(url) {
  const path = normalize(decodeURIComponent(new URL(url, "http://x").pathname)).replace(/^\/+/, "") || "index.html";
  const inside = path.startsWith("Cesium/") ? join(modules, "node_modules/cesium/Build", path) : join(folder, path);
  return existsSync(inside) && statSync(inside).isFile() ? inside : null;
}

const server = createServer((request, response) => {
  const file = fileOf(request.url);
  if (!file) { response.writeHead(404).end(); return; }
  response.writeHead(200, { "content-type": TYPES[extname(file)] || "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
const said = [];
page.on("console", (message) => { if (["error", "warning"].includes(message.type())) said.push(message.text()); });
page.on("pageerror", (error) => said.push(String(error)));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => window.city, null, { timeout: 120_000 });
await page.evaluate(() => {
  window.failed = [];
  city.tileset.tileFailed.addEventListener((error) => failed.push(error.url + " " + error.message));
});
if (place.length) {
  await page.evaluate(([lon, lat, height]) => {
    const target = Cesium.Cartesian3.fromDegrees(lon, lat, height);
    city.viewer.camera.lookAt(target, new Cesium.HeadingPitchRange(0.5, -0.6, 180));
    city.viewer.camera.lookAtTransform(Cesium.Matrix4.IDENTITY);
  }, place.map(Number));
}
await page.waitForTimeout(2000);
await page.waitForFunction(() => city.tileset.tilesLoaded && city.tileset.statistics.numberOfTrianglesSelected > 0, null, { timeout: 400_000 });
await page.waitForTimeout(3000);
await page.mouse.click(640, 360);
await page.waitForTimeout(3000);
const seen = await page.evaluate(() => {
  const middle = Cesium.Cartographic.fromCartesian(city.tileset.boundingSphere.center);
  const degrees = Cesium.Math.toDegrees;
  const at = city.viewer.scene.pickPosition(new Cesium.Cartesian2(640, 360));
  const hit = at ? Cesium.Cartographic.fromCartesian(at) : null;
  return {
    failed, triangles: city.tileset.statistics.numberOfTrianglesSelected, megabytes: city.tileset.totalMemoryUsageInBytes / 1e6,
    middle: [degrees(middle.longitude), degrees(middle.latitude), middle.height],
    hit: hit && [degrees(hit.longitude), degrees(hit.latitude), hit.height],
    object: [...document.querySelectorAll("#object tr")].map((row) => [...row.cells].map((cell) => cell.textContent)),
  };
});
await page.screenshot({ path: picture, timeout: 200_000 });
console.log(JSON.stringify({ ...seen, said }, null, 1));
await browser.close();
server.close();
