import { SignInGate } from './SignInGate';
import { Shell } from './Shell';

export function Root() {
  return (
    <SignInGate>
      <Shell />
    </SignInGate>
  );
}
