"""The limited child process, as the parent starts it: `python -m svc.pdf '{...}'`."""

from svc.pdf.child import main

main()
