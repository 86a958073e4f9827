/** Reads files that a person gave to the page, and makes pictures smaller. Nothing leaves the page here. */

/** Rejects for what cannot be read: a folder, a file that is gone. */
export async function bytesOf(file: Blob, most: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, most).arrayBuffer());
}

// What models that see look at, about; more is scaled down by them.
const MOST_SIDE = 1568;
const QUALITIES = [0.9, 0.8, 0.7, 0.55];
const SMALLER = 0.7;
const LEAST_SIDE = 64;

/**
 * The picture drawn anew, as a data: URL of at most `most` bytes: nothing that its camera wrote about place
 * and time goes along, nor what else may hide in the file. Null where it cannot be read, or not be made so small.
 */
export async function redrawn(file: Blob, kind: string, most: number): Promise<string | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  try {
    let scale = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
    while (scale * Math.max(picture.width, picture.height) >= 1) {
      const canvas = drawn(picture, scale);
      // Drawings and screens stay sharp; photographs would be large.
      const ways = kind === 'jpeg' ? [] : [await packed(canvas, 'image/png')];
      for (const quality of QUALITIES) {
        const found = ways.at(-1);
        if (found && found.size <= most) return await asUrl(found);
        ways.push(await packed(canvas, 'image/jpeg', quality));
      }
      const last = ways.at(-1);
      if (last && last.size <= most) return await asUrl(last);
      if (scale * Math.max(picture.width, picture.height) < LEAST_SIDE) return null;
      scale *= SMALLER;
    }
    return null;
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, scale: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  if (context !== null) {
    // What can be seen through would be black in a JPEG.
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}

const packed = (canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, type, quality));

function asUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}
