"""How long what is kept: periods of retention (保存期間), and the deletion after them."""
