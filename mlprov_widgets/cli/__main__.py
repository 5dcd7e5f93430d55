"""``python -m mlprov_widgets.cli``."""

from mlprov_widgets.cli import main

if __name__ == "__main__":
    main(prog_name="mlprov")
