// Says on the page what allauth's scripts would only tell the console.
document.addEventListener('allauth.error', event => {
  event.preventDefault()
  document.getElementById('passkey-failed').hidden = false
})
