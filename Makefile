.PHONY: demo test
demo:
	python3 make.py demo
test:
	python3 make.py test
