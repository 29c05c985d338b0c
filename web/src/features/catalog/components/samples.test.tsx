// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Title } from '@/api/types';
import { show } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { AboutTitle } from './about-title';
import { TitleHeader } from './title-header';

describe.each(samples<Title>('Title'))('a title that is $state', (title) => {
  it('shows its header and details', async () => {
    show(
      <>
        <TitleHeader title={title} onPlay={() => undefined} />
        <AboutTitle title={title} />
      </>,
    );
    expect(await screen.findByRole('heading', { name: title.name })).toBeDefined();
    expect(screen.getByText(title.description)).toBeDefined();
    for (const genre of title.genres) expect(screen.getAllByText(new RegExp(genre, 'i'))).toHaveLength(1);
    expect(screen.queryAllByRole('button', { name: 'Play' })).toHaveLength(title.state === 'published' ? 1 : 0);
  });
});

it('resumes where the viewer stopped, or starts over', async () => {
  const [published] = samples<Title>('Title');
  if (!published) throw new Error('openapi.json has no example of a title');
  const pressed: string[] = [];
  show(
    <TitleHeader
      title={published}
      resumeAt={254}
      onPlay={() => pressed.push('on')}
      onStartOver={() => pressed.push('over')}
    />,
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Resume at 4:14' }));
  await userEvent.click(screen.getByRole('button', { name: 'Start over' }));
  expect(pressed).toEqual(['on', 'over']);
});
