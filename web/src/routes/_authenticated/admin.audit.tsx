import { createFileRoute } from '@tanstack/react-router';
import { useState } from 'react';
import { AuditLog } from '@/features/people/components/audit-log';
import { usePageTitle } from '@/ui/page-title';

export const Route = createFileRoute('/_authenticated/admin/audit')({ component: AuditPage });

/** The log's days are UTC days. */
const today = () => new Date().toISOString().slice(0, 10);

function AuditPage() {
  usePageTitle('Audit log');
  const [day, setDay] = useState(today);

  return (
    <>
      <h1 className="mb-6 text-4xl sm:text-5xl">Audit log</h1>
      <label className="mb-6 flex items-center gap-3 text-secondary">
        Day (UTC)
        <input
          type="date"
          value={day}
          max={today()}
          onChange={(event) => setDay(event.target.value || today())}
          className="min-h-11 rounded-xl border border-surface-700 bg-surface-900 px-4 text-foreground"
        />
      </label>
      <AuditLog day={day} />
    </>
  );
}
