/** Draws a landscape at day or night as the poster of a title. */
export function still(seed: string): string {
  const random = randomOf(seed);
  const hue = Math.floor(random() * 360);
  const night = random() < 0.55;
  const sky = night
    ? [`hsl(${hue} 60% 9%)`, `hsl(${(hue + 25) % 360} 55% 26%)`, `hsl(${(hue + 50) % 360} 65% 46%)`]
    : [`hsl(${hue} 45% 38%)`, `hsl(${(hue + 30) % 360} 65% 60%)`, `hsl(${(hue + 55) % 360} 85% 74%)`];
  const light = { x: 250 + random() * 1100, y: 130 + random() * 300, size: 50 + random() * 110 };
  const stars = night
    ? Array.from({ length: 90 }, () => {
        const size = 0.6 + random() * 1.6;
        return `<circle cx="${round(random() * 1600)}" cy="${round(random() * 520)}" r="${round(size)}" opacity="${round(0.2 + random() * 0.8)}"/>`;
      }).join('')
    : '';
  const city = random() < 0.4;
  const layers = [0, 1, 2, 3].map((depth) => {
    const lightness = night ? 18 - depth * 5 : 42 - depth * 11;
    const fill = `hsl(${(hue + 12 * depth) % 360} ${35 + depth * 5}% ${lightness}%)`;
    const base = 470 + depth * 105;
    return `<path fill="${fill}" d="${city && depth > 0 ? skyline(random, base, depth) : hills(random, base, depth)}"/>`;
  });

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900" preserveAspectRatio="xMidYMid slice">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${sky[0]}"/><stop offset=".55" stop-color="${sky[1]}"/><stop offset="1" stop-color="${sky[2]}"/></linearGradient>
<radialGradient id="g"><stop offset="0" stop-color="#fff" stop-opacity=".95"/><stop offset=".25" stop-color="#ffe9c0" stop-opacity=".8"/><stop offset="1" stop-color="#ffd9a0" stop-opacity="0"/></radialGradient></defs>
<rect width="1600" height="900" fill="url(#s)"/><g fill="#fff">${stars}</g>
<circle cx="${round(light.x)}" cy="${round(light.y)}" r="${round(light.size * 3.2)}" fill="url(#g)" opacity=".55"/>
<circle cx="${round(light.x)}" cy="${round(light.y)}" r="${round(light.size)}" fill="#fff3dc"/>
${layers.join('')}</svg>`;
}

function hills(random: () => number, base: number, depth: number): string {
  let path = `M0 900V${round(base)}`;
  for (let x = 0; x < 1600; ) {
    const width = 140 + random() * 320;
    const height = (60 + random() * 190) * (1 - depth * 0.15);
    path += `Q${round(x + width / 2)} ${round(base - height)} ${round(x + width)} ${round(base + (random() - 0.5) * 50)}`;
    x += width;
  }
  return `${path}L1900 900Z`;
}

function skyline(random: () => number, base: number, depth: number): string {
  let path = `M0 900V${round(base)}`;
  for (let x = 0; x < 1600; ) {
    const width = 26 + random() * 80;
    path += `V${round(base - random() * (330 - depth * 70))}h${round(width)}`;
    x += width;
  }
  return `${path}V900Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A random number generator with a seed. */
function randomOf(seed: string): () => number {
  let state = 2166136261;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16777619);
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822507);
    state = Math.imul(state ^ (state >>> 13), 3266489909) ^ (state >>> 16);
    return (state >>> 0) / 4294967296;
  };
}
