"""What can be kept without a kernel: pictures, static pages and pages of their own."""
