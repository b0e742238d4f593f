/** Two crossed semaphore flags. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" aria-hidden focusable="false">
      <g strokeLinecap="round" strokeWidth="3.2" stroke="var(--accent)">
        <path d="M13 43 35.5 5.5" />
        <path d="M35 43 12.5 5.5" />
      </g>
      <g strokeLinejoin="round" strokeWidth="1">
        <path d="M34.6 7 45.8 13.7 38.4 26 27.2 19.3Z" fill="#f5b72e" stroke="#f5b72e" />
        <path d="M34.6 7 38.4 26 27.2 19.3Z" fill="#e5482d" stroke="#e5482d" />
        <path d="M13.4 7 2.2 13.7 9.6 26 20.8 19.3Z" fill="#f5b72e" stroke="#f5b72e" />
        <path d="M13.4 7 9.6 26 20.8 19.3Z" fill="#e5482d" stroke="#e5482d" />
      </g>
    </svg>
  );
}
