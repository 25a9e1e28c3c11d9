// Starts the reference that the page holds a place for.
const swagger = document.getElementById('swagger');
const redoc = document.getElementById('redoc');

if (swagger) {
  window.SwaggerUIBundle({
    url: swagger.dataset.schema,
    domNode: swagger,
    deepLinking: true,
    docExpansion: 'none',
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
  });
}

if (redoc) {
  window.Redoc.init(redoc.dataset.schema, {
    disableSearch: true,
    hideDownloadButton: true,
    nativeScrollbars: true,
    theme: {typography: {fontFamily: 'system-ui, sans-serif', headings: {fontFamily: 'system-ui, sans-serif'}}},
  }, redoc);
}
