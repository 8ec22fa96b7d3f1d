"""What changed between two versions, told as text, Markdown, HTML or JSON."""
