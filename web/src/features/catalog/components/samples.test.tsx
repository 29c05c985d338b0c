// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Title } from '@/api/types';
import { show } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { AboutTitle } from './about-title';
import { TitleFront } from './title-front';

describe.each(samples<Title>('Title'))('a title that is $state', (title) => {
  it('has a front and its facts', async () => {
    show(
      <>
        <TitleFront title={title} onPlay={() => undefined} />
        <AboutTitle title={title} />
      </>,
    );
    expect(await screen.findByRole('heading', { name: title.name })).toBeDefined();
    expect(screen.getByText(title.description)).toBeDefined();
    expect(screen.queryAllByRole('button', { name: 'Play' })).toHaveLength(title.state === 'published' ? 1 : 0);
  });
});
