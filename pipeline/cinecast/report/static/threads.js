"use strict";
// A thread beside the page, which stays free for its pictures; on the page where a browser has none for it.
// source: text of an expression that makes an object of functions of one argument; made: the same object on the page.
const threads = (source, made) => {
  const script = `const here = ${source};
    onmessage = async ({ data: [number, kind, given] }) => {
      try {
        const values = await here[kind](given);
        postMessage([number, values], ArrayBuffer.isView(values) ? [values.buffer] : []);
      } catch ({ message }) {
        postMessage([number, null, message]);
      }
    };`;
  const asked = new Map();
  const onPage = async ({ kind, given, resolve, reject }) => {
    try {
      resolve(await made[kind](given));
    } catch (error) {
      reject(error);
    }
  };

  function start() {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    try {
      return new Worker(address);
    } catch {
      return null;
    }
  }

  let thread = start();
  if (thread) {
    thread.onmessage = ({ data: [number, values, fault] }) => {
      const { resolve, reject } = asked.get(number);
      asked.delete(number);
      if (fault) reject(new Error(fault));
      else resolve(values);
    };
    // It may not start: then the page does all that was asked.
    thread.onerror = () => {
      thread.terminate();
      thread = null;
      asked.forEach(onPage);
    };
  }

  // What a function makes of what it is given, of which the thread gets a copy.
  let count = 0;
  return (kind, given) => new Promise((resolve, reject) => {
    const request = { kind, given, resolve, reject };
    if (!thread) return onPage(request);
    asked.set(++count, request);
    return thread.postMessage([count, kind, given]);
  });
};
