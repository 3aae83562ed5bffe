"""Reports as static pages: no JavaScript, nothing loaded from elsewhere."""
