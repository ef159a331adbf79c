// The authenticator that Chromium plays itself, which its owner touches at once, and the passkeys that it makes.
import { expect, type CDPSession, type Page } from '@playwright/test';

export class Authenticator {
  private constructor(
    private readonly browser: CDPSession,
    private readonly id: string,
  ) {}

  static async on(page: Page): Promise<Authenticator> {
    const browser = await page.context().newCDPSession(page);
    await browser.send('WebAuthn.enable');
    const { authenticatorId } = await browser.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Authenticator(browser, authenticatorId);
  }

  async credentials() {
    return (await this.browser.send('WebAuthn.getCredentials', { authenticatorId: this.id })).credentials;
  }

  async add(credential: Awaited<ReturnType<Authenticator['credentials']>>[number]) {
    await this.browser.send('WebAuthn.addCredential', { authenticatorId: this.id, credential });
  }

  async forget(credentialId: string) {
    await this.browser.send('WebAuthn.removeCredential', { authenticatorId: this.id, credentialId });
  }

  /** Whether the finger or the face is the right one. */
  async verifies(isUserVerified: boolean) {
    await this.browser.send('WebAuthn.setUserVerified', { authenticatorId: this.id, isUserVerified });
  }
}

export async function addPasskey(page: Page): Promise<void> {
  await page.goto('/account/passkeys');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByRole('heading', { name: /^Made with Chrome on/ })).toBeVisible();
}

export async function usePasskey(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
}
