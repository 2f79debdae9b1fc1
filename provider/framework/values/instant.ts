const form = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/**
 * The time of an RFC 3339 text in milliseconds since 1970; undefined when it is none, such as 30 February or a time without zone.
 * Parts of a millisecond count, leap seconds do not exist.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function parseInstantMs(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null || text.length > 60) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zoneHour = "0", zoneMinute = "0"] = match;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const isDate = !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (!isDate || !isTime || Number(zoneHour) > 23 || Number(zoneMinute) > 59) return undefined;
  const wholeSeconds = `${text.slice(0, 10)}T${text.slice(11, 19)}`;
  const zone = text.slice(19 + fraction.length).toUpperCase();
  return Date.parse(`${wholeSeconds}${zone}`) + Number(`0${fraction}`) * 1000;
}
