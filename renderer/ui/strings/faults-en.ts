// One sentence per fault: what happened, what was kept, what to do. Raw messages are never shown.

import type { FaultCode } from '../../../shared/model/fault.ts';

export type FaultSentence = { readonly happened: string; readonly kept?: string; readonly todo: string };

export const faultsEn: Record<FaultCode, FaultSentence> = {
  'code-not-ours': {
    happened: 'That is not a Tincan code.',
    todo: 'Copy the whole code that starts with TINCAN: and paste it again.',
  },
  'code-incomplete': {
    happened: 'A piece of the code is missing.',
    todo: 'Copy it again from its first to its last character.',
  },
  'code-damaged': { happened: 'A character of the code is wrong.', todo: 'Copy it again, or scan it.' },
  'code-newer-version': { happened: 'This code was made by a newer Tincan.', todo: 'Update Tincan on this computer.' },
  'code-own': { happened: 'This is your own code.', todo: 'Send it to the other person and take theirs.' },
  'code-is-reply': {
    happened: 'This is a reply, and an invite is needed.',
    todo: 'Ask for the code on their first screen.',
  },
  'code-is-invite': {
    happened: 'This is an invite, and a reply is needed.',
    todo: 'Ask them to take your code first; theirs then turns into a reply.',
  },
  'code-other-invite': {
    happened: 'This reply answers another code than the one you show now.',
    todo: 'Send them your present code and ask for a fresh reply.',
  },
  'code-used': { happened: 'This code was taken before.', todo: 'Ask for a new one: they press New code.' },
  'code-malformed': {
    happened: 'This code was not written by Tincan.',
    todo: 'Ask for a new code.',
  },
  'code-unusable': {
    happened: 'The code holds no address this computer can reach.',
    todo: 'Join the same network, or both choose “Anywhere”, then make new codes.',
  },
  'code-too-long': {
    happened: 'That text is far too long to be a code.',
    todo: 'Copy only the code and paste it again.',
  },
  'code-foreign-sdp': {
    happened: 'That comes from another tool, and parts of it cannot be used.',
    todo: 'Ask them for a Tincan code.',
  },
  'picture-no-code': {
    happened: 'No code was found in the picture.',
    todo: 'Use a sharper picture with the whole square in it.',
  },
  'picture-unreadable': {
    happened: 'That file is not a picture that can be read.',
    todo: 'Use a PNG, JPEG or WebP picture.',
  },
  'camera-denied': {
    happened: 'Tincan may not use the camera.',
    todo: 'Allow it in the system or browser settings, or paste the code instead.',
  },
  'camera-missing': { happened: 'No camera was found.', todo: 'Plug one in, or paste the code instead.' },
  'camera-busy': {
    happened: 'Another program is using the camera.',
    todo: 'Close that program, or paste the code instead.',
  },
  'link-unreachable': {
    happened: 'The other computer could not be reached.',
    kept: 'Unfinished transfers are kept.',
    todo: 'Make new codes; for different networks both choose “Anywhere”.',
  },
  'link-tampered': {
    happened: 'Somebody between you may have changed the codes, so the link was cut.',
    kept: 'Nothing was sent.',
    todo: 'Swap codes another way, best by camera.',
  },
  'link-version': { happened: 'The two Tincans speak different versions.', todo: 'Update both and link again.' },
  'peer-violation': {
    happened: 'The other side broke the rules, so the link was cut.',
    kept: 'Files that were finished stay; nothing else was written.',
    todo: 'Link again only with somebody you know.',
  },
  'peer-left': {
    happened: 'The other side left, or the link was ended.',
    kept: 'What had arrived is kept and can go on later.',
    todo: 'Link again to continue.',
  },
  'peer-failed': {
    happened: 'Something went wrong on the other side.',
    kept: 'What had arrived is kept and can go on later.',
    todo: 'Press Try again; if it stays, ask them what their Tincan says.',
  },
  'manifest-invalid': {
    happened: 'The list of files made no sense and was refused.',
    kept: 'Nothing was written.',
    todo: 'Ask them to update Tincan and send again.',
  },
  'manifest-too-large': {
    happened: 'There are too many files for one transfer.',
    todo: 'Send them in several parts, or as an archive.',
  },
  'name-refused': {
    happened: 'A file has a name that cannot be stored safely, so the whole offer was declined.',
    kept: 'Nothing was written.',
    todo: 'Ask them to rename it and send everything again.',
  },
  'name-unsendable': {
    happened: 'A file has a name that cannot travel.',
    kept: 'The other files are sent.',
    todo: 'Rename it and send it again.',
  },
  'source-missing': {
    happened: 'The file is not there any more.',
    kept: 'The other files went on.',
    todo: 'Put it back and send it again.',
  },
  'source-changed': {
    happened: 'The file changed while it was being sent.',
    kept: 'The other files went on.',
    todo: 'Send it again when nothing writes to it.',
  },
  'source-unreadable': {
    happened: 'The file could not be read.',
    kept: 'The other files went on.',
    todo: 'Check its permissions and send it again.',
  },
  'source-not-a-file': {
    happened: 'This is not a regular file.',
    kept: 'The other files went on.',
    todo: 'Send the real file behind it.',
  },
  'disk-full': {
    happened: 'The disk is full.',
    kept: 'Everything that arrived is kept.',
    todo: 'Make room on it.',
  },
  'disk-quota': {
    happened: 'Your quota on this disk is used up.',
    kept: 'Everything that arrived is kept.',
    todo: 'Free some of your space.',
  },
  'disk-denied': {
    happened: 'Tincan may not write to that folder.',
    kept: 'What arrived before is kept.',
    todo: 'Choose another folder, or change its permissions and press Try again.',
  },
  'disk-gone': {
    happened: 'The folder is gone; perhaps its drive was unplugged.',
    kept: 'Nothing was put anywhere else.',
    todo: 'Bring it back and press Try again, or choose another folder.',
  },
  'disk-read-only': {
    happened: 'That disk can only be read.',
    kept: 'Nothing was written to it.',
    todo: 'Choose another folder.',
  },
  'disk-error': {
    happened: 'The disk reported an error.',
    kept: 'Files that were verified are safe.',
    todo: 'Check the disk and press Try again.',
  },
  'disk-file-too-large': {
    happened: 'This drive cannot hold a file that large.',
    kept: 'The other files went on.',
    todo: 'Choose a folder on another drive.',
  },
  'disk-name-too-long': {
    happened: 'A name is too long for this disk.',
    kept: 'The other files went on.',
    todo: 'Choose a folder nearer to the top of the drive.',
  },
  'disk-too-many-open': {
    happened: 'The system has too many files open.',
    kept: 'Everything that arrived is kept.',
    todo: 'Close some programs and press Try again.',
  },
  'destination-refused': {
    happened: 'That folder cannot be used.',
    todo: 'Choose an existing folder that you may write to.',
  },
  'publish-waiting': {
    happened: 'Everything arrived, but some files could not be put in place yet.',
    kept: 'They are checked and kept beside their destination.',
    todo: 'Close what may be using the folder.',
  },
  'data-folder-full': {
    happened: 'The disk with Tincan’s own data is full.',
    kept: 'Everything that arrived is kept.',
    todo: 'Make room on that disk.',
  },
  'data-unreadable': {
    happened: 'Tincan could not read its own data.',
    kept: 'The file was left as it is.',
    todo: 'Check the disk, then start Tincan again.',
  },
  'block-damaged': {
    happened: 'A piece arrived damaged and was thrown away.',
    kept: 'All other pieces are kept.',
    todo: 'Press Try again; only what is missing is sent.',
  },
  'hash-mismatch': {
    happened: 'The whole does not match what was sent.',
    kept: 'Nothing unproven was put in your folder.',
    todo: 'Press Try again.',
  },
  'transfer-unknown': {
    happened: 'The other side does not know this transfer any more.',
    kept: 'What arrived stays until you discard it.',
    todo: 'Ask them to send it again.',
  },
  'transfer-refused': {
    happened: 'The other side refused this transfer.',
    kept: 'Your files are untouched.',
    todo: 'Ask them, then send it again.',
  },
  'journal-damaged': {
    happened: 'The notes about this transfer are damaged.',
    kept: 'Finished files are safe.',
    todo: 'Discard it and send it again.',
  },
  'bridge-invalid': {
    happened: 'The page and Tincan misunderstood each other.',
    kept: 'Your files are untouched.',
    todo: 'Reload the page; if it stays, copy the report from Diagnostics.',
  },
  'bridge-closed': {
    happened: 'Tincan has stopped.',
    kept: 'What had arrived is kept.',
    todo: 'Start it again and use the page that it opens.',
  },
  'bridge-busy': { happened: 'Too much at once.', kept: 'Nothing was lost.', todo: 'Wait a moment and try again.' },
  'bridge-refused': { happened: 'This page may not use Tincan.', todo: 'Open the address that Tincan printed.' },
  'keychain-locked': {
    happened: 'The keychain of this computer is locked, so remembered computers cannot be read or saved.',
    kept: 'They are kept as they were.',
    todo: 'Unlock the keychain and try again.',
  },
  'settings-invalid': {
    happened: 'That setting cannot be used.',
    kept: 'The former one stays.',
    todo: 'Correct it and try again.',
  },
  internal: {
    happened: 'Something went wrong inside Tincan.',
    kept: 'Files that were verified are safe.',
    todo: 'Try again; if it stays, copy the report from Diagnostics.',
  },
};
