/**
 * The native binary, where the tests are run against it. Whatever is called `macvtapRender`,
 * `commandHere` or `runHere` then runs it; a test that replaces a part of the world cannot.
 */
export const NATIVE = process.env['MACVTAP_TEST_NATIVE'];
