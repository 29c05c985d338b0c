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

  const startUpload = async (titleId: string, existingId?: string) => {
    if (file) {
      const { startTransfer } = await import('@/features/upload/transfer');
      startTransfer(titleId, file, existingId);
    }
    await navigate({ to: '/studio/$titleId', params: { titleId } });
  };

  return (
    <div className="gutter mx-auto max-w-3xl pt-28">
      <h1 className="mb-2 text-4xl sm:text-5xl">Upload a film</h1>
      <p className="mb-8 max-w-xl text-lg text-pretty text-secondary">
        We check and transcode your film, and make sure that it plays, before anyone can see it.
      </p>
      <NewTitleForm
        name={file && nameFromFile(file.name)}
        action={file ? 'Create and upload' : 'Save as draft'}
        onCreated={(title: Title) => void startUpload(title.title_id)}
      >
        <FileDrop file={file} onChoose={setFile} />
        {file && <ResumeUpload file={file} onResume={({ titleId, uploadId }) => void startUpload(titleId, uploadId)} />}
      </NewTitleForm>
    </div>
  );
}
