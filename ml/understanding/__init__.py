"""What a message says about how someone feels: emotion in English and Chinese. Risk is judged elsewhere."""
