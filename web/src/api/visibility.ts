import type { Visibility } from './types';

/** Who can find and watch a published title, in a word. */
export const visibilityNames: Record<Visibility, string> = {
  public: 'Public',
  unlisted: 'Unlisted',
  private: 'Private',
};
