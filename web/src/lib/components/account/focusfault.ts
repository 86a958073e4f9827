/** The reader is led to the field that is wrong; what is about no field is an alert, and said by itself. */
import { tick } from 'svelte';
import type { Fault } from '../../stores/accountfaults';

export async function focusFault(form: string, fault: Fault | null): Promise<void> {
  if (fault === null || fault.field === 'form') return;
  await tick();
  document.getElementById(`${form}-${fault.field}`)?.focus();
}
