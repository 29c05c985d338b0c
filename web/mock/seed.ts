import type { Title } from '../src/api/types';

/** The default genres of the service. */
export const genres = [
  'action',
  'animation',
  'comedy',
  'crime',
  'documentary',
  'drama',
  'family',
  'fantasy',
  'history',
  'horror',
  'music',
  'mystery',
  'nature',
  'romance',
  'science-fiction',
  'short',
  'sport',
  'thriller',
  'travel',
  'western',
];

const films: [name: string, genres: string[], minutes: number, description: string][] = [
  [
    'The Salt Line',
    ['drama', 'nature'],
    104,
    'A lighthouse keeper and her son have one winter to decide whether to leave the last house on a coast that is going under. A film about tides, and about what people owe a place.',
  ],
  [
    'Night Tram to Vesna',
    ['mystery', 'drama'],
    92,
    'The last tram of the night never reaches its final stop. A conductor who has ridden it for thirty years starts to write down where it goes instead.',
  ],
  [
    'Small Engines',
    ['documentary'],
    71,
    'Four women repair motorcycles in the high desert, and each other while they are at it.',
  ],
  [
    'Cardboard Astronauts',
    ['animation', 'family', 'science-fiction'],
    83,
    'Two siblings fold a rocket out of homework. It works.',
  ],
  [
    'Understory',
    ['nature', 'documentary'],
    58,
    'One square kilometre of forest, filmed for a year, at the height of a fox.',
  ],
  [
    'A Quiet Arrangement',
    ['thriller', 'crime'],
    117,
    'The accountant of a small-town orchestra finds that the books have been balanced by someone who died eleven years ago.',
  ],
  ['Harbour Lights', ['romance', 'drama'], 98, 'Ferries do not wait. People do.'],
  ['Copper Sky', ['western', 'drama'], 126, 'A surveyor draws a border through a valley that has managed without one.'],
  ['The Understudies', ['comedy'], 89, 'Eleven actors, one part, and a leading man who will not fall ill.'],
  [
    'Glass Weather',
    ['science-fiction', 'thriller'],
    109,
    'In a city where forecasts are law, a meteorologist predicts something that no one may know.',
  ],
  ['Tinder Season', ['drama', 'history'], 134, 'The summer of the great fires, as three families remember it.'],
  ['Drumline', ['music', 'documentary'], 76, 'A marching band with nineteen drums and no field to march on.'],
  ['Low Orbit', ['science-fiction'], 12, 'Ninety minutes around the world, in twelve.'],
  [
    'The Beekeeper’s Ledger',
    ['mystery', 'crime'],
    101,
    'Someone is stealing hives. Someone else is bringing them back.',
  ],
  ['North by Bicycle', ['travel', 'documentary'], 64, 'From the last tram stop to the last road sign.'],
  ['Moth Hour', ['horror', 'mystery'], 95, 'They come to the light. Do not be the light.'],
  ['Six Small Kitchens', ['documentary', 'family'], 52, 'What is eaten on a Tuesday, on six continents.'],
  [
    'The Long Intermission',
    ['comedy', 'drama'],
    87,
    'The lights go up, the doors stick, and two hundred strangers have to talk to each other.',
  ],
  ['Ferro', ['thriller'], 113, 'A locksmith, a lock, a night.'],
  ['Wintering', ['drama'], 79, 'Three generations share one stove.'],
  [
    'Saltwater Radio',
    ['music', 'romance'],
    93,
    'She broadcasts from a boat. He has the only receiver that still hears it.',
  ],
  ['Kestrel', ['nature', 'short'], 9, 'A hunt, in one shot.'],
  ['The Map Room', ['history', 'documentary'], 108, 'How a country drew itself before it existed.'],
  [
    'Everything Must Go',
    ['comedy', 'crime'],
    97,
    'A closing-down sale that has lasted for twenty-two years meets a new inspector.',
  ],
  ['Slow Thunder', ['sport', 'documentary'], 84, 'Draught-horse racing, taken seriously.'],
  [
    'Ash and Violet',
    ['fantasy', 'romance'],
    121,
    'Two rival gardeners grow the same flower from opposite sides of a wall.',
  ],
  ['Second Shift', ['drama', 'short'], 18, 'A night nurse, a night bus, a morning.'],
  ['Polar Postmen', ['documentary', 'travel'], 69, 'The mail gets through.'],
];

const creators = ['Ines Okafor', 'Studio Halcyon', 'Mikkel Brandt', 'Tomoko Arai', 'Lumen Collective'];

const ladder = [
  [1920, 1080, 5_000_000, 'avc1.640028'],
  [1280, 720, 2_800_000, 'avc1.64001f'],
  [854, 480, 1_300_000, 'avc1.64001e'],
  [640, 360, 750_000, 'avc1.64001e'],
] as const;

export function idOf(number: number): string {
  return `0197a000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

export function seedTitles(now: number): Title[] {
  return films.map(([name, genres, minutes, description], index) => {
    const at = new Date(now - (index * 31 + 2) * 3_600_000).toISOString();
    const id = idOf(index + 1);
    return {
      title_id: id,
      name,
      description,
      genres,
      language: index % 4 === 1 ? 'sl' : 'en',
      visibility: 'public',
      state: 'published',
      owner: {
        creator_id: idOf(900 + (index % creators.length)),
        display_name: creators[index % creators.length] ?? '',
      },
      ...(index % 9 !== 8 && { poster_url: `/images/${id}/still.svg` }),
      duration_ms: minutes * 60_000,
      renditions: ladder.map(([width, height, bitrate, codecs]) => ({
        width,
        height,
        frame_rate: 24,
        bitrate,
        codecs: `${codecs},mp4a.40.2`,
      })),
      asset_id: idOf(5000 + index),
      published_at: at,
      created_at: at,
      updated_at: at,
      version: 4,
    };
  });
}
