// What Usertour's loader loads in place of the product: it merges itself into the loader's object, and takes up
// what was called for in the meantime.
await window.usertourMayCome;
Object.assign(window.usertour, window.usertourProduct, { _stubbed: false, load: async () => {}, init() {} });
for (const [method, deferred, args] of window.USERTOURJS_QUEUE.splice(0)) {
  Promise.resolve(window.usertour[method](...args)).then(deferred?.resolve, deferred?.reject);
}
