import { createFileRoute, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Title } from '@/api/types';
import { NewTitleForm } from '@/features/studio/components/new-title-form';
import { FileDrop } from '@/features/upload/components/file-drop';
import { ResumeUpload } from '@/features/upload/components/resume-upload';
import { nameFromFile } from '@/features/upload/rules';
import { usePageTitle } from '@/ui/page-title';
import { RequireRole } from '../-require-role';

export const Route = createFileRoute('/_authenticated/upload')({
  component: () => (
    <RequireRole allow="creator">
      <UploadPage />
    </RequireRole>
  ),
});

function UploadPage() {
  usePageTitle('Upload a film');
  const [file, setFile] = useState<File>();
  const navigate = useNavigate();

  const begin = async (titleId: string, begunId?: string) => {
    if (file) {
      const { startTransfer } = await import('@/features/upload/transfer');
      startTransfer(titleId, file, begunId);
    }
    await navigate({ to: '/studio/$titleId', params: { titleId } });
  };

  return (
    <div className="gutter mx-auto max-w-3xl pt-28">
      <h1 className="mb-2 text-4xl sm:text-5xl">Upload a film</h1>
      <p className="mb-8 max-w-xl text-lg text-pretty text-secondary">
        It is checked, quoted, transcoded and proved playable before anybody can see it.
      </p>
      <NewTitleForm
        name={file && nameFromFile(file.name)}
        action={file ? 'Create and upload' : 'Create a draft'}
        onCreated={(title: Title) => void begin(title.title_id)}
      >
        <FileDrop file={file} onChoose={setFile} />
        {file && <ResumeUpload file={file} onResume={({ titleId, uploadId }) => void begin(titleId, uploadId)} />}
      </NewTitleForm>
    </div>
  );
}
