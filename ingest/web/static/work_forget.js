// Whoever signed out leaves no page of theirs behind. What waits to be sent stays: it is nobody's data but their own.

if (window.caches) caches.delete("noroshi-work");
