/** `participant/step/class/code`, in parts. A code may hold anything, also a slash. */
export interface FingerprintParts {
  participant: string;
  step: string;
  class: string;
  code: string;
}

export function fingerprintParts(fingerprint: string): FingerprintParts {
  const [participant = '', step = '', failure = '', ...code] = fingerprint.split('/');
  return { participant, step, class: failure, code: code.join('/') };
}
